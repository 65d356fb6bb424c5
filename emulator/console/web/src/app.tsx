import { Spinner } from "@cloudscape-design/components";
import { Navigate, Route, Routes } from "react-router-dom";
import { EventHistory } from "./events";
import { Home } from "./home";
import { Dashboard } from "./iam/dashboard";
import { CreateGroup, GroupPage, Groups } from "./iam/groups";
import { AccountSettings } from "./iam/settings";
import { CreatePolicy, Policies, PolicyPage } from "./iam/policies";
import { CreateRole } from "./iam/createrole";
import { EditInline, EditTrust } from "./iam/editpolicy";
import { RolePage, Roles } from "./iam/roles";
import { CreateUser } from "./iam/createuser";
import { UserPage, Users } from "./iam/users";
import { AddPermissions } from "./iam/permissions";
import { Layout } from "./layout";
import { BucketPage } from "./s3/bucket";
import { Buckets } from "./s3/buckets";
import { CreateBucket } from "./s3/createbucket";
import { Upload } from "./s3/upload";
import { useSessionContext } from "./session";
import { SignIn } from "./signin";
import { SwitchRole } from "./switchrole";

export function App() {
  const { session } = useSessionContext();
  if (session === undefined)
    return (
      <div className="signin">
        <Spinner size="large" />
      </div>
    );
  if (session === null) return <SignIn />;
  // Another identity sees other things: everything is loaded anew for it.
  return (
    <Layout key={session.identity.arn}>
      <Routes>
        <Route path="/home" element={<Home />} />
        <Route path="/switchrole" element={<SwitchRole />} />
        <Route path="/iam/home" element={<Dashboard />} />
        <Route path="/iam/users" element={<Users />} />
        <Route path="/iam/users/create" element={<CreateUser />} />
        <Route path="/iam/users/details/:name" element={<UserPage />} />
        <Route path="/iam/groups" element={<Groups />} />
        <Route path="/iam/groups/create" element={<CreateGroup />} />
        <Route path="/iam/groups/details/:name" element={<GroupPage />} />
        <Route path="/iam/roles" element={<Roles />} />
        <Route path="/iam/roles/create" element={<CreateRole />} />
        <Route path="/iam/roles/details/:name" element={<RolePage />} />
        <Route path="/iam/roles/details/:name/edit-trust-policy" element={<EditTrust />} />
        <Route path="/iam/:kind/details/:name/add-permissions" element={<AddPermissions />} />
        <Route path="/iam/:kind/details/:name/inline-policy" element={<EditInline />} />
        <Route path="/iam/account_settings" element={<AccountSettings />} />
        <Route path="/iam/policies" element={<Policies />} />
        <Route path="/iam/policies/create" element={<CreatePolicy />} />
        <Route path="/iam/policies/details/*" element={<PolicyPage />} />
        <Route path="/s3/buckets" element={<Buckets />} />
        <Route path="/s3/bucket/create" element={<CreateBucket />} />
        <Route path="/s3/buckets/:bucket" element={<BucketPage />} />
        <Route path="/s3/upload/:bucket" element={<Upload />} />
        <Route path="/cloudtrail/events" element={<EventHistory />} />
        <Route path="*" element={<Navigate to="/home" replace />} />
      </Routes>
    </Layout>
  );
}
